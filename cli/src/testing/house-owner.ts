/** A process that owns a house and is there to be killed: `node house-owner.ts DATA REPOSITORY SERVICE…`; prints a line when all are up. */
import { openHouse } from '../house.ts'

const [dataDir = '', repository = '', ...only] = process.argv.slice(2)
const house = await openHouse({ dataDir, repository, port: 0, implementers: 1, only })
await house.ready
console.log('ready')
