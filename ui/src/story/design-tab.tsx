/** The rendered reference: pictures by state and viewport, what each region answers, and the mockup itself in its cage. */
import { Badge, Button, Group, Select, Stack, Table, Text, Title } from '@mantine/core'
import type { DesignBundle, Picture } from '@sluice/proto/parts.ts'
import type { Story } from '@sluice/proto/story.ts'
import { useState } from 'react'
import { artifactUrl } from '../api.ts'
import { useSession } from '../live/hooks.ts'
import { Document } from '../parts/document.tsx'
import { Prose } from '../parts/prose.tsx'
import { shortId } from '../parts/words.ts'

export function DesignTab({ story }: { story: Story }) {
  const { design, scope } = story.steps
  const result = design.at === 'done' ? design.result : story.drafts.design
  if (!result) return <Text c="dimmed">The designer has not handed in a design yet.</Text>
  const { bundle, document } = result
  const criteria = scope.at === 'done' ? scope.result.requirements.criteria : []
  return (
    <Stack gap="xl">
      <Group gap="xs">
        {design.at !== 'done' && <Badge color="attention">Sent back: a new version is on its way</Badge>}
        <Text size="sm" c="dimmed">
          Bundle <span className="mono">{shortId(bundle.digest)}</span>: the implementer is sent these very pictures.
        </Text>
      </Group>
      <div className="pictures">
        {bundle.pictures.map((picture) => (
          <Shot key={`${picture.state} ${picture.viewport}`} picture={picture} />
        ))}
      </div>
      <Regions bundle={bundle} criteria={new Map(criteria.map(({ id, text }) => [id, text]))} />
      <Mockup bundle={bundle} />
      <Document artifact={document} />
    </Stack>
  )
}

function Shot({ picture: { artifact, viewport, width, height, state } }: { picture: Picture }) {
  const url = artifactUrl(artifact.sha256, 'image/png')
  return (
    <figure>
      <a href={url} target="_blank" rel="noreferrer">
        <img src={url} alt={`The design, ${state}, ${viewport}`} width={width} height={height} loading="lazy" />
      </a>
      <figcaption>
        {state} · {viewport} <span className="numbers">{`${width} × ${height}`}</span>
      </figcaption>
    </figure>
  )
}

function Regions({ bundle, criteria }: { bundle: DesignBundle; criteria: ReadonlyMap<string, string> }) {
  if (bundle.regions.length === 0) return null
  return (
    <Stack gap="xs" component="section" aria-labelledby="regions">
      <Title order={2} size="h5" id="regions">
        Regions and the criteria they answer
      </Title>
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Region</Table.Th>
            <Table.Th>Criteria</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {bundle.regions.map(({ id, what, criteria: ids }) => (
            <Table.Tr key={id}>
              <Table.Td>
                <span className="mono">{id}</span> {what}
              </Table.Td>
              <Table.Td>
                {ids.map((criterion) => (
                  <div key={criterion}>
                    <b>{criterion}</b> <Prose text={criteria.get(criterion) ?? ''} />
                  </div>
                ))}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  )
}

/** An agent wrote it: another origin, no cookies, no network, and no way out of its frame. */
function Mockup({ bundle }: { bundle: DesignBundle }) {
  const frames = useSession()?.frames
  const sizes = [...new Map(bundle.pictures.map((p) => [p.viewport, p])).values()]
  const [viewport, setViewport] = useState<string | null>(null)
  const size = sizes.find((p) => p.viewport === viewport)
  if (!frames) return null
  return (
    <Stack gap="xs" component="section" aria-labelledby="mockup">
      <Title order={2} size="h5" id="mockup">
        Live mockup
      </Title>
      <Group align="end" gap="sm">
        {size ? (
          <Select
            label="Viewport"
            data={sizes.map((p) => p.viewport)}
            value={size.viewport}
            onChange={setViewport}
            allowDeselect={false}
            w={180}
          />
        ) : (
          <Button variant="default" onClick={() => setViewport(sizes[0]?.viewport ?? null)}>
            Open the mockup
          </Button>
        )}
      </Group>
      {size && (
        <div className="frame">
          <iframe
            title="Live mockup"
            src={`${frames}/${bundle.html.sha256}`}
            sandbox="allow-scripts"
            referrerPolicy="no-referrer"
            style={{ width: size.width, height: size.height }}
          />
        </div>
      )}
    </Stack>
  )
}
