import { CloudflareProvider } from "@cdktf/provider-cloudflare/lib/provider/index.js";
import { App, TerraformStack } from "cdktf";
import {
  EnvironmentSet,
  type IKvNamespace,
  KvNamespace,
  Rollout,
  ValidationError,
  WorkerCode,
  WorkerWithKvBindings,
} from "cdktf-cloudflare-kv";

const app = new App();

const stack = new TerraformStack(app, "larger");
new CloudflareProvider(stack, "cloudflare", { baseUrl: "http://127.0.0.1:8787/client/v4" });
const sessions: IKvNamespace = new KvNamespace(stack, "Sessions", {
  namespaceName: "shop-sessions",
  ttlSeconds: 1800,
  entries: [{ key: "notice", value: "100 % ${literal}" }],
});
new WorkerWithKvBindings(stack, "Api", {
  workerName: "shop",
  code: WorkerCode.fromEntry("worker.ts"),
  kv: { SESSIONS: sessions },
  secrets: ["API_KEY"],
});

new EnvironmentSet(app, "edge", {
  app: "edge",
  namespaces: { CACHE: { ttlSeconds: 300 }, FLAGS: {} },
  worker: { code: WorkerCode.fromEntry("worker.ts") },
  environments: {
    dev: { developers: ["ada"] },
    prod: { worker: { rollout: Rollout.gradual([{ label: "v1", percentage: 100 }]) } },
  },
});

try {
  new KvNamespace(stack, "Broken", { namespaceName: "" });
} catch (error) {
  if (!(error instanceof ValidationError)) throw error;
  console.log(error.code);
}

app.synth();
