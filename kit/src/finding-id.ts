/** Names a finding by what it is about: the host gives ids, never a model, and the same finding has the same id on every attempt. */
import { sha256 } from './artifacts.ts'

export const findingId = (...about: (string | number)[]): string => `f-${sha256(JSON.stringify(about)).slice(0, 16)}`
