/** Finds the event that ends a message's stream, wherever the network cut it. */

export type EndOfMessage = {
  /** Whether the end begins in this chunk, or in one before. */
  read(chunk: Uint8Array): boolean
  seen(): boolean
}

/** At the beginning of a line alone: what a model says stands inside JSON, where a line never begins. */
const END = /(?:^|\n)(?:event: ?message_stop|data: ?\{"type": ?"message_stop")/
const LONGEST = 40

export function endOfMessage(): EndOfMessage {
  const decoder = new TextDecoder('latin1')
  let tail = '\n'
  let found = false
  return {
    read(chunk) {
      if (found) return true
      const text = tail + decoder.decode(chunk)
      found = END.test(text)
      tail = text.slice(-LONGEST)
      return found
    },
    seen: () => found,
  }
}
