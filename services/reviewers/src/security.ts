/** The security reviewer: vulnerabilities that a change brings in, each named by its weakness and its OWASP category. */
import { start } from '@sluice/kit/start.ts'
import { modelReviewer } from './model-reviewer.ts'

const CWE = /^CWE-\d+$/
/** `A03:2021` or `A05:2025`, alone or with its name. */
const OWASP = /\bA(0[1-9]|10):20(21|25)\b/

export const security = modelReviewer({
  name: 'security',
  demand: ({ cwe = '', owasp = '' }) => {
    if (!CWE.test(cwe)) return 'a security finding names its weakness, such as cwe "CWE-79".'
    return OWASP.test(owasp)
      ? null
      : 'a security finding names its OWASP Top 10 category, such as owasp "A03:2021 Injection".'
  },
})

if (import.meta.main) await start(security)
