/**
 * Begins the work for the entries that come next while the first is taken, `most` at once, and answers in their order.
 * Nothing is begun further ahead than that, so what waits to be taken has a bound.
 * @throws what the source of entries throws, or the work, when its turn comes.
 */
export async function* ahead<T, R>(
  entries: AsyncIterable<T>,
  most: number,
  work: (entry: T) => Promise<R>,
): AsyncGenerator<R> {
  const source = entries[Symbol.asyncIterator]();
  const begun: Promise<R>[] = [];
  let isOver = false;
  const fill = async () => {
    while (!isOver && begun.length < most) {
      const next = await source.next();
      if (next.done) isOver = true;
      else begun.push(keptForLater(work(next.value)));
    }
  };
  try {
    await fill();
    for (let next = begun.shift(); next !== undefined; next = begun.shift()) {
      yield await next;
      await fill();
    }
  } finally {
    await Promise.allSettled(begun);
    await source.return?.(undefined);
  }
}

/** A failure is thrown when its turn comes, which may be later than Node.js takes for never. */
function keptForLater<R>(result: Promise<R>): Promise<R> {
  result.catch(() => undefined);
  return result;
}
