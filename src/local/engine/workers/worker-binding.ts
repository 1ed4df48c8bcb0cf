/** A Worker bound to one that has `service_binding_extra_handlers`. */
export type WorkerBinding = Fetcher & {
  scheduled(event: { readonly cron: string; readonly scheduledTime: Date }): Promise<unknown>;
};
