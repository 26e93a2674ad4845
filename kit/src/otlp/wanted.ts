/** Whether the person asked for traces to be sent, by OpenTelemetry's standard variables. */
export type Env = Readonly<Record<string, string | undefined>>

/** Where to, as it was said; null where nothing is to be sent. */
export function collectorIn(env: Env): string | null {
  const is = (name: string, value: string) => env[name]?.trim().toLowerCase() === value
  if (is('OTEL_SDK_DISABLED', 'true') || is('OTEL_TRACES_EXPORTER', 'none')) return null
  return env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?.trim() || env.OTEL_EXPORTER_OTLP_ENDPOINT?.trim() || null
}
