/** Nobody gets out by the file system. */
import { files } from './files.ts'
import { tryAll } from './suite.ts'

tryAll(files)
