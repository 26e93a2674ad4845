/** `design.md`: what the design shows and which criteria it answers, for the story's branch. */
import type { DesignBundle } from '@sluice/proto/parts.ts'

export function designDocument(
  title: string,
  designed: { summary: string; states: string[] },
  bundle: DesignBundle,
): string {
  const regions = bundle.regions.map((r) => `- **${r.id}** (${r.criteria.join(', ')}): ${r.what}`)
  const pictures = bundle.pictures.map(
    (p) => `- ${p.viewport} ${p.width}×${p.height}, ${p.state}: \`${p.artifact.sha256}\``,
  )
  return [
    `# Design: ${title}\n`,
    `${designed.summary}\n`,
    `## Regions\n\n${regions.join('\n') || 'None.'}\n`,
    `## Pictures\n\nStates: ${designed.states.join(', ')}. Digest of the bundle: \`${bundle.digest}\`.\n\n${pictures.join('\n')}\n`,
  ].join('\n')
}
