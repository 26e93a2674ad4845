/** Reads what kind of picture bytes are, and how large. */

export type ImageMediaType = 'image/png' | 'image/gif' | 'image/jpeg' | 'image/webp'

/** What the first bytes say (PNG, GIF, JPEG and WebP specifications); nothing if they are none of the four. */
export function imageMediaType(bytes: Buffer): ImageMediaType | undefined {
  if (bytes.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex'))) return 'image/png'
  if (/^GIF8[79]a/.test(bytes.toString('latin1', 0, 6))) return 'image/gif'
  if (bytes.subarray(0, 3).equals(Buffer.from('ffd8ff', 'hex'))) return 'image/jpeg'
  if (bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP') return 'image/webp'
  return undefined
}

/** Width and height in pixels, of PNG and GIF: theirs stand at a fixed place. */
export function imageSize(bytes: Buffer): { width: number; height: number } | undefined {
  const type = imageMediaType(bytes)
  if (type === 'image/png' && bytes.length >= 24)
    return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
  if (type === 'image/gif' && bytes.length >= 10) return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) }
  return undefined
}

/** The header of a PNG of that size: all that is read of one. */
export function pngOf(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(27)
  Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex').copy(bytes)
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  return bytes
}
