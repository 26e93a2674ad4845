/** Names a run to the gateway where `authorization` is the person's own login. */
export const RUN_HEADER = 'x-sluice-run'
