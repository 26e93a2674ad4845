/** What there is to look at: the files in their order with the reason for it, the findings by severity. */
import { Text } from '@mantine/core'
import type { Finding } from '@sluice/proto/parts.ts'
import type { PatchFile } from '@sluice/proto/patch.ts'
import type { Story } from '@sluice/proto/story.ts'
import { count } from '../parts/words.ts'
import { standingOf } from '../story/rounds.ts'
import { Size } from './file-view.tsx'
import type { Jump } from './jump.ts'
import { type Risk, riskText } from './risk.ts'

type Outlined = {
  ranked: readonly { file: PatchFile; risk: Risk }[]
  findings: readonly Finding[]
  story: Story
  jump: Jump
}

export function Outline({ ranked, findings, story, jump }: Outlined) {
  return (
    <div className="outline">
      <nav aria-label="Files">
        <Text size="sm">
          <b>{count(ranked.length, 'file')}.</b> <span className="quiet">{riskText}</span>
        </Text>
        <ul className="files">
          {ranked.map(({ file, risk }) => (
            <li key={file.path}>
              <button type="button" className="link" onClick={() => jump.to('file', file.path)}>
                {file.path}
              </button>{' '}
              <Size file={file} /> <span className="quiet">{risk.why.join(', ')}</span>
            </li>
          ))}
        </ul>
      </nav>
      {findings.length > 0 && (
        <nav aria-label="Findings" id="findings">
          <Text size="sm" fw={700}>
            {count(findings.length, 'finding')}
          </Text>
          <ol className="files prose">
            {findings.map((finding) => (
              <li key={finding.id}>
                <span className="severity" data-severity={finding.severity}>
                  {finding.severity}
                </span>{' '}
                <button type="button" className="link" onClick={() => jump.to('finding', finding.id)}>
                  {finding.claim}
                </button>{' '}
                <span className="quiet">
                  {standingOf(story, finding).is}, {finding.seat}
                </span>
              </li>
            ))}
          </ol>
        </nav>
      )}
    </div>
  )
}
