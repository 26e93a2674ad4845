/** What every command is: a name, what it is for, how it is called, and the code it ends with. */
export type Verb = { name: string; summary: string; usage: string; run(args: string[]): Promise<number> }
