/** Some sinks cannot go on with a batch, for a reason of class `stop`; the others can. */
export class LanesStopped extends Error {
  readonly sinks: readonly string[]

  private constructor(sinks: readonly string[], cause: unknown) {
    super('lanes stopped', { cause })
    this.name = 'LanesStopped'
    this.sinks = sinks
  }

  static of(sinks: readonly string[], cause: unknown): LanesStopped {
    return cause instanceof LanesStopped ? cause : new LanesStopped(sinks, cause)
  }
}
