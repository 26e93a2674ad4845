/** What the person attached: pictures as pictures, all else as a file to keep. Nothing of it runs here. */
import { Anchor, Text } from '@mantine/core'
import type { Artifact } from '@sluice/proto/parts.ts'
import { artifactUrl } from '../api.ts'
import { Part } from '../story/requirements-view.tsx'
import './hand.css'

export function Attachments({ attachments }: { attachments: readonly Artifact[] }) {
  if (attachments.length === 0) return null
  return (
    <Part title="Attached">
      <div className="attachments">
        {attachments.map(({ sha256, name, mediaType, bytes }) => (
          <Anchor
            key={`${sha256} ${name}`}
            size="sm"
            href={artifactUrl(sha256, mediaType)}
            target="_blank"
            rel="noreferrer"
          >
            {mediaType.startsWith('image/') && <img src={artifactUrl(sha256, mediaType)} alt={name} />}
            {name}{' '}
            <Text span size="xs" c="dimmed">
              {bytes < 1_000 ? `${bytes} bytes` : `${Math.round(bytes / 1_000)} kB`}
            </Text>
          </Anchor>
        ))}
      </div>
    </Part>
  )
}
