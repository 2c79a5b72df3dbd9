/** Profiles of docker-compose.yml with which Prometheus runs. */
const WITH_PROMETHEUS = ['prometheus', 'grafana'];

/** Whether Prometheus runs, and the Envoys therefore offer their statistics. @param profiles COMPOSE_PROFILES, separated by commas */
export function runsPrometheus(profiles: string): boolean {
  return profiles.split(',').some((profile) => WITH_PROMETHEUS.includes(profile.trim()));
}

/** Returns a warning where an address of this machine is reachable from others. @param address RENTMESH_ADDRESS, as in `ports` */
export function publicationWarning(address: string): string | undefined {
  if (address === 'localhost' || /^127(\.\d{1,3}){3}$/.test(address) || /^\[?::1\]?$/.test(address)) return undefined;
  return (
    `The edge and the dashboards are published on ${address}, where other machines may reach them. There is no sign-in and no TLS: ` +
    'every caller may call every public method. RENTMESH_ADDRESS=127.0.0.1 publishes them to this machine only.'
  );
}
