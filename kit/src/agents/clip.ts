/** Text cut to what a model is given: its head, its tail, and how much is missing between. */

/** Cuts by bytes of UTF-8; what fits stays as it is. */
export function clip(text: string, bytes = 30_000): string {
  const all = Buffer.from(text)
  if (all.length <= bytes) return text

  const half = Math.floor(bytes / 2)
  const head = whole(all.subarray(0, half))
  const tail = whole(all.subarray(all.length - half))
  const missing = all.length - Buffer.byteLength(head) - Buffer.byteLength(tail)
  return `${head}\n\n[… ${missing} bytes left out …]\n\n${tail}`
}

/** Without the halves of characters at either end. */
const whole = (bytes: Buffer): string => bytes.toString('utf8').replace(/^\uFFFD+|\uFFFD+$/g, '')
