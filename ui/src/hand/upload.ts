/** Files a person attaches: put by their content; a picture larger than a model needs is scaled down first. */
import { MOST_PICTURE_BYTES } from '@sluice/proto/attachment.ts'
import type { Attached } from '@sluice/proto/rest.ts'
import { putArtifact } from '../api.ts'

/** A model sees no more of a picture that has more. */
const SIDE = 2_000

export async function upload(files: readonly File[]): Promise<Attached[]> {
  const attached: Attached[] = []
  for (const file of files) {
    const bytes = new Uint8Array(await (await fitting(file)).arrayBuffer())
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
    const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    await putArtifact(sha256, bytes)
    attached.push({ sha256, name: file.name || 'pasted.png' })
  }
  return attached
}

/** What the browser cannot read as a picture goes as it is: the house says what is wrong with it. */
async function fitting(file: File): Promise<Blob> {
  if (!file.type.startsWith('image/') || file.type === 'image/svg+xml') return file
  const picture = await createImageBitmap(file).catch(() => null)
  if (!picture) return file
  const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height))
  if (scale === 1 && file.size <= MOST_PICTURE_BYTES && /png|jpeg|webp/.test(file.type)) return file
  const canvas = new OffscreenCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale))
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height)
  return canvas.convertToBlob({ type: 'image/webp', quality: 0.9 })
}

/** Files out of a paste or a drop; none where text was meant. */
export const filesIn = (data: DataTransfer | null): File[] => [...(data?.files ?? [])]
