/** Patches are read by proto, since the page reads them too. */
export * from '@sluice/proto/patch.ts'
