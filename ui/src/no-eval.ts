/** The page's policy forbids code made from text; zod asks whether it may, and the browser reports each asking. Said before any schema is made. */
import { z } from 'zod'

z.config({ jitless: true })
