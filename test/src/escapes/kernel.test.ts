/** Nobody gets out by the kernel. */
import { kernel } from './kernel.ts'
import { tryAll } from './suite.ts'

tryAll(kernel)
