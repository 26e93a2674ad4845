/** The package is installed under the name of the one it replaces; its types know only their own. */
/// <reference types="node-pty" />
declare module 'node-pty' {
  export * from '@lydell/node-pty'
}
