/** A run that writes down what it is asked to do. */
import type { ControlledRun } from '../topology/follow-controls.ts'

export interface GivenControlledRun extends ControlledRun {
  readonly seen: string[]
  end(): void
}

export const givenControlledRun = (): GivenControlledRun => {
  const seen: string[] = []
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  const note =
    (word: string) =>
    (...values: readonly unknown[]): void => {
      seen.push([word, ...values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))].join(' '))
    }
  return {
    ...{ seen, ended, end: () => resolve() },
    ...{ pauseDelete: note('pauseDelete'), resumeDelete: note('resumeDelete') },
    ...{ pause: note('pause'), resume: note('resume') },
    ...{ drain: note('drain'), undrain: note('undrain') },
    setTenantRules: (rules) =>
      seen.push(
        `rules ${rules.map((one) => `${one.tenant} ${one.rule} ${one.eventsPerSecond ?? ''}`.trim()).join(', ')}`,
      ),
    pin: ({ knob, value }) => seen.push(`pin ${knob} ${value}`),
    unpin: (knob) => seen.push(`unpin ${knob}`),
  }
}
