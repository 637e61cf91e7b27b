/** Ports that somebody has opened one after the other, to be closed together, the last one first. */
interface Closable {
  close(): Promise<void>
}

export class OpenedPorts {
  readonly #ports: Closable[] = []

  keep<Port extends Closable>(port: Port): Port {
    this.#ports.unshift(port)
    return port
  }

  /** Closes what was kept. A second call has nothing to do. */
  async close(): Promise<void> {
    for (const port of this.#ports.splice(0)) await port.close()
  }
}
