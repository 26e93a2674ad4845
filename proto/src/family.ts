/** Stories that come from the same first one, by whatever forks. Pure. */

export function familyOf<C extends { id: string; parent?: string | undefined }>(cards: readonly C[], id: string): C[] {
  const byId = new Map(cards.map((card) => [card.id, card]))
  const rootOf = (id: string): string => {
    const parent = byId.get(id)?.parent
    return parent && byId.has(parent) ? rootOf(parent) : id
  }
  const root = rootOf(id)
  return cards.filter((card) => rootOf(card.id) === root)
}
