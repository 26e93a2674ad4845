/** Which file a program is: its source in a checkout, what was built of it in the package. */

const built = !import.meta.filename.endsWith('.ts')

/** `source` as it is called in a checkout. */
export const programFile = (source: string): string => (built ? source.replace(/\.ts$/, '.js') : source)
