/** The models a scripted server says it serves, as `GET /v1/models` shows them. */
import type Anthropic from '@anthropic-ai/sdk'

export const DEFAULT_MODELS = ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5'] as const

const yes = { supported: true }
const no = { supported: false }

/** The label stands in the name people see. */
export const modelInfo = (id: string, label: string): Anthropic.ModelInfo => ({
  type: 'model',
  id,
  display_name: `${id} (${label})`,
  created_at: '2026-10-21T00:00:00Z',
  lifecycle: 'active',
  deprecated_at: null,
  retires_at: null,
  line: null,
  max_input_tokens: 1_000_000,
  max_tokens: 128_000,
  capabilities: {
    batch: no,
    citations: no,
    code_execution: no,
    image_input: yes,
    pdf_input: no,
    structured_outputs: yes,
    context_management: { ...no, clear_thinking_20251015: no, clear_tool_uses_20250919: no, compact_20260112: no },
    effort: { ...yes, low: yes, medium: yes, high: yes, xhigh: yes, max: yes },
    server_tools: { ...no, web_search: no, code_execution: no },
    thinking: { ...yes, types: { adaptive: yes, between_tools: yes, disabled: no, enabled: no } },
  } as Anthropic.ModelInfo['capabilities'],
})
