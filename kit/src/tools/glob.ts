/** Which paths of a project a pattern means: files whose names begin with a dot belong to it like any other. */
import { matchesGlob } from 'node:path'

export function globOf(pattern: string): (path: string) => boolean {
  const meant = undotted(pattern.replace(/^(?:\.?\/)+/, ''))
  return (path) => matchesGlob(undotted(path), meant)
}

/** Node lets `*` match no leading dot and has no option for it, so that what configures a project (`.github`, `.eslintrc`) could not be seen. */
const undotted = (path: string): string => path.replace(/(^|[/{,])\./g, '$1\u0001')
