/** Nobody gets out over the network. */
import { network } from './network.ts'
import { tryAll } from './suite.ts'

tryAll(network)
