/** What an entry of history is called: by its commit. */
export const historyId = (commit: string): string => `commit-${commit}`
