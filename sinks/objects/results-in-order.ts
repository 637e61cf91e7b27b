/**
 * Works on several items at once and gives the results in the order of the items, so that whoever takes them may say "up
 * to here". Where one fails, or nobody takes more, what is under way is waited for: nothing goes on behind the end.
 */
export async function* resultsInOrder<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  atOnce: () => number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void> {
  const underWay: Promise<Result>[] = []
  try {
    for await (const item of items) {
      while (underWay.length >= Math.max(1, atOnce())) yield await first(underWay)
      const begun = work(item)
      // Its failure is seen when its turn comes.
      begun.catch(() => undefined)
      underWay.push(begun)
    }
    while (underWay.length > 0) yield await first(underWay)
  } finally {
    await Promise.allSettled(underWay)
  }
}

/** Taken off before it is awaited: what has ended needs no waiting for. */
const first = <Result>(underWay: Promise<Result>[]): Promise<Result> => underWay.shift()!
