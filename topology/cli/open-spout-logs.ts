/** The logs of a topology's spouts: the run's log, a URL of the spout's own, or a name that `spillway.yaml` explains. */
import type { JsonValue } from '../model/json.ts'
import { isJsonObject } from '../model/json.ts'
import { shownUrl } from '../model/shown-url.ts'
import { absoluteUrl, type Configuration } from './configuration.ts'
import { didYouMean } from './did-you-mean.ts'
import type { UsageProblem } from './usage-problems.ts'

export interface SpoutLog {
  readonly name: string
  /** `log` of the spout's options. */
  readonly log: string | undefined
}

/** URLs by spout; spouts that read the run's log are left out. Names that nothing explains become problems. */
export const spoutLogUrls = (
  spouts: readonly SpoutLog[],
  configuration: Configuration,
  folder: string,
): { readonly urls: Readonly<Record<string, string>>; readonly problems: readonly UsageProblem[] } => {
  const urls: Record<string, string> = {}
  const problems: UsageProblem[] = []
  for (const { name, log } of spouts) {
    if (log === undefined) continue
    const named = configuration.logs[log]
    if (named !== undefined) urls[name] = named.value
    else if (/^[a-z][a-z0-9+.-]*:/.test(log)) urls[name] = absoluteUrl(log, folder)
    else
      problems.push({
        text: `spout ${name} reads log ${JSON.stringify(shownUrl(log))}, which has no URL${didYouMean(log, Object.keys(configuration.logs))}`,
        hint: 'Give it one below `logs:` in spillway.yaml.',
      })
  }
  return { urls, problems }
}

/** `log` of options that were kept as plain data. */
export const logOfOptions = (options: JsonValue): string | undefined => {
  const log = isJsonObject(options) ? options['log'] : undefined
  return typeof log === 'string' ? log : undefined
}
