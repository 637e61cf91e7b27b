/**
 * An input that ends at the first Ctrl-C, also while nothing comes from it: a terminal or a pipe may be silent for ever.
 */
export async function* untilAborted<Item>(source: AsyncIterable<Item>, signal: AbortSignal): AsyncIterable<Item> {
  const iterator = source[Symbol.asyncIterator]()
  let wake = (): void => {}
  const abort = (): void => wake()
  signal.addEventListener('abort', abort, { once: true })
  try {
    while (!signal.aborted) {
      const next = await new Promise<IteratorResult<Item> | undefined>((resolve, reject) => {
        wake = () => resolve(undefined)
        iterator.next().then(resolve, reject)
      })
      if (next === undefined || next.done === true) return
      yield next.value
    }
  } finally {
    signal.removeEventListener('abort', abort)
    // Not awaited: behind a read that never comes back it would not end either.
    iterator.return?.().catch(() => undefined)
  }
}
