/**
 * Where compressors work: on threads of the process, as always; or at once, in the thread of their caller, while a
 * simulated world is played, in which no thread may decide what comes first. Both ways can be read by both.
 */

let worlds = 0

export const isCompressedAtOnce = (): boolean => worlds > 0

/** Until the answer is called, once. */
export const compressAtOnce = (): (() => void) => {
  worlds += 1
  return () => {
    worlds -= 1
  }
}
