/** Days of this machine's clock, which is the person's. */

/** `2026-01-31` */
export function dayOf(at: string | number | Date): string {
  const moment = new Date(at)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`
}

/** The midnight that ends it. */
export function nextDay(at: string | number | Date): Date {
  const moment = new Date(at)
  return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate() + 1)
}
