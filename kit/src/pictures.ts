/** The pictures of an approved design as a model is sent them: the bytes whose digest the person approved. */
import type { DesignBundle } from '@sluice/proto/parts.ts'
import type { Content } from './agent.ts'
import type { Artifacts } from './artifacts.ts'

export async function pictureContent(design: DesignBundle, artifacts: Artifacts): Promise<Content[]> {
  const shown = await Promise.all(
    design.pictures.map(
      async ({ artifact, viewport, state }): Promise<Content[]> => [
        { type: 'text', text: `Approved design, ${viewport}, state ${state}:` },
        { type: 'image', mediaType: 'image/png', data: await artifacts.get(artifact) },
      ],
    ),
  )
  return shown.flat()
}
