/** The page's policy forbids code made from text; zod asks whether it may, and the browser reports each asking. Said before any of its chunks runs. */
globalThis.__zod_globalConfig = { jitless: true }
