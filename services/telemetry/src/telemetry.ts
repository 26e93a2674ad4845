/** Telemetry: tells a collector of every hop of every story, over OTLP. Runs only where the person names a collector. */
import { join } from 'node:path'
import { artifactClient } from '@sluice/kit/artifacts.ts'
import { Refusal } from '@sluice/kit/errors.ts'
import { follow, streamIdentity } from '@sluice/kit/follow.ts'
import { givenResource, openExporter } from '@sluice/kit/otlp/exporter.ts'
import { collectorIn } from '@sluice/kit/otlp/wanted.ts'
import { followRuns } from '@sluice/kit/run-moves.ts'
import { runService, type Service } from '@sluice/kit/service.ts'
import { startExport } from './export.ts'
import { ledgerOf } from './ledger.ts'
import { openSent } from './sent.ts'

export type TelemetryService = Pick<Service, 'bus' | 'config' | 'log' | 'signal' | 'dataDir'>

export async function serveTelemetry({ bus, config, log, signal, dataDir }: TelemetryService): Promise<void> {
  const { env } = process
  if (!collectorIn(env))
    throw new Refusal('No collector is named.', 'Set OTEL_EXPORTER_OTLP_ENDPOINT before Sluice is started.')
  await using exporter = openExporter(env)
  const stream = await streamIdentity(bus, signal)
  if (signal.aborted) return
  using sent = openSent(join(dataDir, 'telemetry', 'sent.sqlite'), stream)
  const content = /^(true|span_only|span_and_event)$/i.test(
    env.OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT ?? '',
  )
  const exporting = startExport({
    ...{ bus, log, signal, sent, exporter, about: { resource: givenResource(), content } },
    artifacts: config.web ? artifactClient(config.web) : null,
    enter: ledgerOf({ gateway: config.gateway, host: exporter.host, log, signal }),
  })

  await Promise.all([
    exporting.ended,
    follow({
      ...{ bus, log, signal, from: sent.position() + 1, filter: 'story.>' },
      onEvent({ event, sequence }) {
        if (!event.storyId) return
        sent.moved(event.storyId, sequence)
        exporting.moved(event.storyId)
      },
      onCaughtUp: () => log.info({ collector: exporter.host, content }, 'ready'),
    }),
    followRuns({ bus, log, signal, onMove: exporting.moved }),
  ])
}

if (import.meta.main) await runService('telemetry', serveTelemetry)
