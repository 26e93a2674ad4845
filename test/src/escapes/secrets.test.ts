/** Nobody gets out to what only the person may read. */
import { secrets } from './secrets.ts'
import { tryAll } from './suite.ts'

tryAll(secrets)
