/** The command was typed wrongly: said with what to type instead, exit code 2. */
export class Misuse extends Error {
  override name = 'Misuse'
}
