export { chooseStack, type StackWish } from "./choose-stack.js";
export { type MigratedDatabase, migratedDatabases } from "./migrated-databases.js";
export {
  databaseLabel,
  namespaceLabel,
  type Annotation,
  type Assembly,
  type Binding,
  type CodeSource,
  type D1Binding,
  type Database,
  type ManagedEntry,
  type MigrationFolder,
  type Migration,
  type Namespace,
  type OtherBinding,
  type Output,
  type QueueConsumer,
  type SecretBinding,
  type ServiceBinding,
  type Stack,
  type Unresolved,
  type Variable,
  type Worker,
  type WorkerModule,
  type WorkerSettings,
  type WorkerVersion,
} from "./model.js";
export { readModule } from "./module-content.js";
export { readAssembly } from "./read-assembly.js";
