/** The API's rules for pictures: how many, and how large, those in tool results among them. */
import type Anthropic from '@anthropic-ai/sdk'
import { imageSize } from './messages-image.ts'
import { type Block, blocksOf, type Fault, type MessagesRequest } from './messages-wire.ts'

const IMAGES_MAX = 100
const SIDE_MAX = 8_000
/** With more than twenty pictures in one request each must be smaller. */
const MANY_IMAGES = { count: 20, side: 2_000 }

/** Each picture with its path, those in tool results among them. */
function imagesOf({ messages }: MessagesRequest): { path: string; source: Anthropic.ImageBlockParam['source'] }[] {
  const at = (block: Block, path: string): { path: string; source: Anthropic.ImageBlockParam['source'] }[] => {
    if (block.type === 'image') return [{ path, source: block.source }]
    if (block.type !== 'tool_result') return []
    return blocksOf(block.content as Block[]).flatMap((inner, k) => at(inner, `${path}.content.${k}`))
  }
  return messages.flatMap(({ content }, i) =>
    blocksOf(content).flatMap((block, j) => at(block, `messages.${i}.content.${j}`)),
  )
}

export function imageCount(request: MessagesRequest) {
  const count = imagesOf(request).length
  return count > IMAGES_MAX ? `messages: too many images: ${count} > ${IMAGES_MAX}` : undefined
}

export function imageSides(request: MessagesRequest): Fault | undefined {
  const all = imagesOf(request)
  const max = all.length > MANY_IMAGES.count ? MANY_IMAGES.side : SIDE_MAX
  const paths = all
    .filter(({ source }) => source.type === 'base64' && longSide(source.data) > max)
    .map(({ path }) => path)
  if (paths.length === 0) return undefined
  return {
    type: 'invalid_request_error',
    message: `${paths[0]}: image dimensions exceed max allowed size of ${max} pixels`,
    details: { error_code: 'image_dimensions_too_large', max_side_length_pixels: max, paths },
  }
}

function longSide(data: string): number {
  const size = imageSize(Buffer.from(data, 'base64'))
  return size ? Math.max(size.width, size.height) : 0
}
