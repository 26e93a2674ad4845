/** Asks, from anywhere on the page, for the palette or the list of keys. */
export type Asked = 'palette' | 'help'

const ASK = 'sluice-ask'

export const askFor = (what: Asked): void => {
  window.dispatchEvent(new CustomEvent(ASK, { detail: what }))
}

/** Returns the way to stop listening. */
export function onAsked(hear: (what: Asked) => void): () => void {
  const onAsk = (event: Event) => hear((event as CustomEvent<Asked>).detail)
  window.addEventListener(ASK, onAsk)
  return () => window.removeEventListener(ASK, onAsk)
}
