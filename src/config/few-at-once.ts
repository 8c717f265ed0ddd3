/** How many: enough to keep a disk busy, too few to run out of descriptors. */
const FEW = 16

/** Does the same with every item, a few at a time; the results are in the order of the items. */
export async function fewAtOnce<Item, Result>(
  items: readonly Item[],
  act: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const left = items.entries()
  const work = async () => {
    for (const [index, item] of left) results[index] = await act(item)
  }
  await Promise.all(Array.from({ length: FEW }, work))
  return results
}
