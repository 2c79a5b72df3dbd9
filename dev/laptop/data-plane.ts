import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { collectorOf, edgeSettings, loadMesh, type Mesh, type Workload, writeEdge, writeSidecar } from '../../envoy/index.ts';
import { root } from '../paths.mjs';
import { platformServices } from '../systems/services.ts';
import { callerConnections, lastRefusal, type Uptake, uptake } from './admin.ts';
import { policyFiles } from './policy-files.ts';
import { adminSocketOf, type Pod, type Topology } from './topology.ts';

/** Envoys that do not run with the configuration that was written for them; the message names each. */
export class NotTakenUp extends Error {
  override readonly name = 'NotTakenUp';
}

/** An Envoy takes up a changed file in a few milliseconds; on a machine that is busy, in some more. */
const uptakePatience = 5_000;

/** How long calls to a replica that is leaving may go on before it is stopped: as long as a service waits for its running calls. */
const drainPatience = 10_000;

/**
 * The sidecars and the edge as far as their configuration goes: what they are told follows from the policies and from the replicas that can be
 * called. Envoys that are running take up every change by themselves, without dropping a request.
 */
export class DataPlane {
  readonly #topology: Topology;
  #mesh: Mesh;
  /** Names of the systems whose policies are in force. */
  #systems: ReadonlySet<string>;
  /** Names of the systems whose methods the edge offers. */
  #offered: ReadonlySet<string>;
  /** Replicas that have a sidecar, and whether they can be called. */
  readonly #pods = new Map<Pod, { serving: boolean }>();
  /** The last change: the next one waits for it. */
  #changing: Promise<unknown> = Promise.resolve();

  /** @throws PolicyError if the policies have defects */
  constructor(topology: Topology) {
    this.#topology = topology;
    this.#systems = new Set(topology.systems.map(({ name }) => name));
    this.#offered = this.#systems;
    this.#mesh = this.load();
    for (const pod of topology.pods) this.#pods.set(pod, { serving: true });
  }

  /** Replicas that have a sidecar. */
  get pods(): readonly Pod[] {
    return [...this.#pods.keys()];
  }

  /** The policies in force. */
  get mesh(): Mesh {
    return this.#mesh;
  }

  /** Reads the policies as they are now, without bringing them into force. @throws PolicyError listing each defect */
  load(systems: ReadonlySet<string> = this.#systems): Mesh {
    return loadMesh(policyFiles(this.#topology.mesh, systems));
  }

  /** Writes every configuration. @returns the bootstrap file of each Envoy by the name of its process */
  write(): Map<string, string> {
    return new Map(this.#workloads().map((workload): [string, string] => [envoyName(workload), this.#writeOne(workload)]));
  }

  /**
   * Brings the policies of these systems into force, and of no other system.
   *
   * @throws PolicyError; NotTakenUp if an Envoy rejects the configuration
   */
  async choose(systems: readonly string[]): Promise<void> {
    const chosen = new Set(systems);
    const mesh = this.load(chosen);
    await this.#change(() => {
      this.#systems = chosen;
      this.#mesh = mesh;
    });
  }

  /** Lets the edge offer the methods of these systems, and of no other system. @throws NotTakenUp */
  async offer(systems: readonly string[]): Promise<void> {
    await this.#change(() => {
      this.#offered = new Set(systems);
    });
  }

  /**
   * Brings policies into force, in all Envoys or in none.
   *
   * @throws NotTakenUp if an Envoy rejects the configuration; the policies before stay in force
   */
  async apply(mesh: Mesh): Promise<void> {
    const before = this.#mesh;
    try {
      await this.#change(() => {
        this.#mesh = mesh;
      });
    } catch (error) {
      await this.#change(() => {
        this.#mesh = before;
      }).catch(() => undefined);
      throw error;
    }
  }

  /** Writes the configuration of a new replica's sidecar. Nobody calls it before `open`. @returns its bootstrap file */
  admit(pod: Pod): string {
    this.#pods.set(pod, { serving: false });
    return this.#writeOne(pod.workload);
  }

  /** From when this resolves, calls are balanced to the replicas as well. @throws NotTakenUp */
  async open(...pods: readonly Pod[]): Promise<void> {
    await this.#change(() => {
      for (const pod of pods) this.#pods.set(pod, { serving: true });
    });
  }

  /** When this resolves, nobody calls the replica any more, and the calls that were running have ended, or have been given time to. @throws NotTakenUp */
  async drain(...pods: readonly Pod[]): Promise<void> {
    await this.#change(() => {
      for (const pod of pods) this.#pods.set(pod, { serving: false });
    });
    // A caller's Envoy closes its connections to an address that is gone from its endpoints after the last call on them.
    const deadline = Date.now() + drainPatience;
    for (const { workload } of pods) {
      // An Envoy that does not answer in time may have callers still.
      while ((await callerConnections(this.#admin(workload))) !== 0 && Date.now() < deadline) await sleep(20);
    }
  }

  /** Forgets a replica whose processes have ended. */
  forget(pod: Pod): void {
    this.#pods.delete(pod);
    rmSync(this.#directory(pod.workload), { recursive: true, force: true });
  }

  #workloads(): Workload[] {
    return [...this.pods.map(({ workload }) => workload), this.#topology.edge];
  }

  #directory(workload: Workload): string {
    return join(this.#topology.state.envoy, workload.namespace, workload.name);
  }

  #admin(workload: Workload): string {
    return adminSocketOf(this.#topology, workload);
  }

  #writeOne(workload: Workload): string {
    const directory = this.#directory(workload);
    mkdirSync(directory, { recursive: true });
    const workloads = [...this.#pods].filter(([, { serving }]) => serving).map(([pod]) => pod.workload);
    const options = {
      mesh: this.#mesh,
      workload,
      workloads,
      directory,
      adminSocket: this.#admin(workload),
      tracing: collectorOf(process.env),
    };
    if (workload !== this.#topology.edge) return writeSidecar(options);
    return writeEdge({
      ...options,
      listen: this.#topology.edgeListen,
      image: join(root, 'gen', 'image.binpb'),
      settings: edgeSettings(),
      offers: (protoPackage) => this.#offers(protoPackage),
    });
  }

  #offers(protoPackage: string): boolean {
    const [system = ''] = protoPackage.split('.');
    return this.#offered.has(system) || platformServices.some((service) => service.system === system);
  }

  /** Makes a change, writes what follows from it, and waits until every Envoy that is running runs with it. One change after the other. */
  #change(make: () => void): Promise<void> {
    const change = this.#changing.then(() => this.#changeNow(make));
    this.#changing = change.catch(() => undefined);
    return change;
  }

  async #changeNow(make: () => void): Promise<void> {
    const before = await this.#uptakesNow(this.#workloads());
    make();
    this.write();
    // One that does not run reads its files when it starts.
    let waiting = [...before].map(([workload, { rejected }]) => ({ workload, rejected, wanted: this.#versions(workload) }));
    const deadline = Date.now() + uptakePatience;
    for (let pause = 10; ; pause = Math.min(2 * pause, 100)) {
      const now = await this.#uptakes(waiting.map(({ workload }) => workload));
      const refused = waiting.filter(({ workload, rejected }) => rejectedBy(now.get(workload)) > rejected);
      if (refused.length > 0) throw new NotTakenUp(this.#refusal(refused.map(({ workload }) => workload)));
      waiting = waiting.filter(({ workload, wanted }) => {
        const uptake = now.get(workload);
        if (uptake === 'slow') return true;
        return uptake !== undefined && uptake.versions.symmetricDifference(new Set(wanted)).size > 0;
      });
      if (waiting.length === 0) return;
      if (Date.now() > deadline) {
        const names = waiting.map(({ workload }) => envoyName(workload)).join(', ');
        throw new NotTakenUp(`${names} did not take up the configuration within ${uptakePatience / 1000} s.`);
      }
      await sleep(pause);
    }
  }

  /** What the Envoys that are running have made of their configuration. */
  async #uptakes(workloads: readonly Workload[]): Promise<Map<Workload, Uptake | 'slow'>> {
    const found = await Promise.all(workloads.map(async (workload) => ({ workload, now: await uptake(this.#admin(workload)) })));
    return new Map(found.flatMap(({ workload, now }): [Workload, Uptake | 'slow'][] => (now === undefined ? [] : [[workload, now]])));
  }

  /** As #uptakes, and waits for those that are slow. @throws NotTakenUp */
  async #uptakesNow(workloads: readonly Workload[]): Promise<Map<Workload, Uptake>> {
    const answered = new Map<Workload, Uptake>();
    let waiting = workloads;
    for (const deadline = Date.now() + uptakePatience; waiting.length > 0; await sleep(waiting.length === 0 ? 0 : 20)) {
      const now = await this.#uptakes(waiting);
      for (const [workload, found] of now) if (found !== 'slow') answered.set(workload, found);
      waiting = waiting.filter((workload) => now.get(workload) === 'slow');
      if (waiting.length > 0 && Date.now() > deadline)
        throw new NotTakenUp(`${waiting.map(envoyName).join(', ')} did not answer within ${uptakePatience / 1000} s.`);
    }
    return answered;
  }

  /** The versions of what was written for an Envoy. */
  #versions(workload: Workload): string[] {
    const directory = this.#directory(workload);
    const files = readdirSync(directory).filter((file) => /^(cds|lds|rds(-\w+)?)\.json$/.test(file));
    return files.map((file) => {
      // Written by envoy/, a DiscoveryResponse.
      const { version_info } = JSON.parse(readFileSync(join(directory, file), 'utf8')) as { version_info: string };
      return version_info;
    });
  }

  /** What Envoys say about a configuration that they have refused; most say the same. */
  #refusal(workloads: readonly Workload[]): string {
    const said = Map.groupBy(workloads, (workload) => {
      const log = join(this.#topology.state.logs, `${envoyName(workload)}.log`);
      return (existsSync(log) ? lastRefusal(readFileSync(log, 'utf8')) : undefined) ?? 'its log says why';
    });
    return [...said].map(([reason, by]) => `Envoy refuses what comes of it: ${reason} (${by.map(envoyName).join(', ')})`).join('\n');
  }
}

/** The name of a workload's Envoy among the processes. */
export function envoyName({ namespace, name }: Workload): string {
  return name === 'edge' ? name : `${namespace}/${name}-sidecar`;
}

function rejectedBy(uptake: Uptake | 'slow' | undefined): number {
  return uptake === undefined || uptake === 'slow' ? 0 : uptake.rejected;
}
