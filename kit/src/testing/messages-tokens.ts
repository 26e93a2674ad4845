/** How many tokens a value is counted as: four characters each, pictures by their size. Deterministic, and never a basis for money. */
import { imageSize } from './messages-image.ts'

const CHARACTERS_PER_TOKEN = 4
/** What one picture costs at most, and where its size is not read. */
const IMAGE_TOKENS_MAX = 1_600
/** Pixels for one token, as the vision guide of the API documents it. */
const PIXELS_PER_TOKEN = 750

export function countTokens(value: unknown): number {
  const found = { characters: 0, images: 0 }
  walk(value, found)
  return Math.ceil(found.characters / CHARACTERS_PER_TOKEN) + found.images
}

function walk(value: unknown, found: { characters: number; images: number }): void {
  if (value === null || value === undefined) return
  if (typeof value !== 'object') {
    found.characters += String(value).length
    return
  }
  if (Array.isArray(value)) {
    for (const item of value) walk(item, found)
    return
  }
  if (isImage(value)) {
    found.images += imageTokens(value)
    return
  }
  for (const [key, item] of Object.entries(value)) {
    if (key === 'cache_control') continue
    found.characters += key.length
    walk(item, found)
  }
}

type Image = { type: 'image'; source?: { data?: unknown } }

const isImage = (value: object): value is Image => 'type' in value && value.type === 'image'

function imageTokens({ source }: Image): number {
  const size = typeof source?.data === 'string' ? imageSize(Buffer.from(source.data, 'base64')) : undefined
  return size ? Math.min(IMAGE_TOKENS_MAX, Math.ceil((size.width * size.height) / PIXELS_PER_TOKEN)) : IMAGE_TOKENS_MAX
}
