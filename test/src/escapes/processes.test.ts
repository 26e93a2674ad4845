/** Nobody gets out to other processes. */
import { processes } from './processes.ts'
import { tryAll } from './suite.ts'

tryAll(processes)
