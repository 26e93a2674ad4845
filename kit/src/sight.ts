/** Pictures for a model that sees none: a sentence in their place, so that it knows there was one. */
import type { Agent, AnyTool, Content } from './agent.ts'

export const asWords = (content: readonly Content[]): Content[] =>
  content.map((one) =>
    one.type === 'text'
      ? one
      : {
          type: 'text',
          text: `(Here is a picture, ${one.mediaType}, ${one.data.length} bytes, which you cannot see: this model reads text alone.)`,
        },
  )

/** Neither what it is told to begin with nor what a tool answers holds a picture. */
export const blind = (agent: Agent): Agent => ({
  run: (task) =>
    agent.run({ ...task, prompt: asWords(task.prompt), ...(task.tools && { tools: task.tools.map(inWords) }) }),
})

const inWords = (tool: AnyTool): AnyTool => ({
  ...tool,
  async run(input, context) {
    const result = await tool.run(input, context)
    return { ...result, content: asWords(result.content) }
  },
})
