// The official SDK for Go. Prints a line of JSON for each call whose answer is right.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"time"

	"github.com/cloudflare/cloudflare-go/v6"
	"github.com/cloudflare/cloudflare-go/v6/d1"
	"github.com/cloudflare/cloudflare-go/v6/kv"
	"github.com/cloudflare/cloudflare-go/v6/option"
	"github.com/cloudflare/cloudflare-go/v6/workers"
)

func check(command string, err error, right bool) {
	if err != nil || !right {
		fmt.Fprintln(os.Stderr, command, "answered wrongly:", err)
		os.Exit(1)
	}
	line, _ := json.Marshal(map[string]string{"command": command, "outcome": "works"})
	fmt.Println(string(line))
}

// module is a file with a name and a type of its own, which the SDK sends with its part.
type module struct{ io.Reader }

func (module) Filename() string    { return "index.mjs" }
func (module) Name() string        { return "index.mjs" }
func (module) ContentType() string { return "application/javascript+module" }

func files(word string) []io.Reader {
	source := "export default { async fetch(request, env) { return new Response('" + word + " ' + (await env.KV.get('one'))) } }"
	return []io.Reader{module{bytes.NewBufferString(source)}}
}

func main() {
	ctx := context.Background()
	account := cloudflare.F(os.Getenv("CLOUDFLARE_ACCOUNT_ID"))
	client := cloudflare.NewClient(option.WithMaxRetries(0))

	namespaces := client.KV.Namespaces
	made, err := namespaces.New(ctx, kv.NamespaceNewParams{AccountID: account, Title: cloudflare.F("by-sdk")})
	check("kv.namespaces.create", err, err == nil && len(made.ID) == 32)
	id := made.ID
	_, err = namespaces.Update(ctx, id, kv.NamespaceUpdateParams{AccountID: account, Title: cloudflare.F("renamed")})
	check("kv.namespaces.update", err, true)
	got, err := namespaces.Get(ctx, id, kv.NamespaceGetParams{AccountID: account})
	check("kv.namespaces.get", err, err == nil && got.Title == "renamed")
	titles := []string{}
	pages := namespaces.ListAutoPaging(ctx, kv.NamespaceListParams{AccountID: account})
	for pages.Next() {
		titles = append(titles, pages.Current().Title)
	}
	check("kv.namespaces.list", pages.Err(), reflect.DeepEqual(titles, []string{"renamed"}))

	// This SDK does not encode keys in paths.
	key := "a%2Fb%20%C3%A9"
	expiration := time.Now().Unix() + 600
	_, err = namespaces.Values.Update(ctx, id, key, kv.NamespaceValueUpdateParams{
		AccountID:     account,
		Value:         cloudflare.F[kv.NamespaceValueUpdateParamsValueUnion](value{bytes.NewBufferString("1")}),
		Metadata:      cloudflare.F[any](`{"a":1}`),
		ExpirationTTL: cloudflare.F(600.0),
	})
	check("kv.namespaces.values.update", err, true)
	response, err := namespaces.Values.Get(ctx, id, key, kv.NamespaceValueGetParams{AccountID: account})
	check("kv.namespaces.values.get", err, err == nil && text(response) == "1")
	metadata, err := namespaces.Metadata.Get(ctx, id, key, kv.NamespaceMetadataGetParams{AccountID: account})
	check("kv.namespaces.metadata.get", err, err == nil && fmt.Sprint(*metadata) == "map[a:1]")
	written, err := namespaces.BulkUpdate(ctx, id, kv.NamespaceBulkUpdateParams{
		AccountID: account,
		Body: []kv.NamespaceBulkUpdateParamsBody{
			{
				Key:        cloudflare.F("one"),
				Value:      cloudflare.F("1"),
				Expiration: cloudflare.F(float64(expiration)),
				Metadata:   cloudflare.F[any](map[string]int{"n": 1}),
			},
			{Key: cloudflare.F("two"), Value: cloudflare.F("Mg=="), Base64: cloudflare.F(true)},
		},
	})
	check("kv.namespaces.bulkUpdate", err, err == nil && written.SuccessfulKeyCount == 2)
	found, err := namespaces.BulkGet(ctx, id, kv.NamespaceBulkGetParams{
		AccountID:    account,
		Keys:         cloudflare.F([]string{"one", "none"}),
		WithMetadata: cloudflare.F(true),
	})
	check("kv.namespaces.bulkGet", err, err == nil && expires(found, expiration))
	names := []string{}
	keys := namespaces.Keys.ListAutoPaging(ctx, id, kv.NamespaceKeyListParams{AccountID: account, Limit: cloudflare.F(10.0)})
	for keys.Next() {
		names = append(names, keys.Current().Name)
	}
	check("kv.namespaces.keys.list", keys.Err(), reflect.DeepEqual(names, []string{"a/b é", "one", "two"}))
	_, err = namespaces.Values.Delete(ctx, id, key, kv.NamespaceValueDeleteParams{AccountID: account})
	check("kv.namespaces.values.delete", err, true)
	deleted, err := namespaces.BulkDelete(ctx, id, kv.NamespaceBulkDeleteParams{AccountID: account, Body: []string{"two"}})
	check("kv.namespaces.bulkDelete", err, err == nil && deleted.SuccessfulKeyCount == 1)

	scripts := client.Workers.Scripts
	script, err := scripts.Update(ctx, "sdk", workers.ScriptUpdateParams{
		AccountID: account,
		Metadata: cloudflare.F(workers.ScriptUpdateParamsMetadata{
			MainModule:        cloudflare.F("index.mjs"),
			CompatibilityDate: cloudflare.F("2026-04-01"),
			Bindings: cloudflare.F([]workers.ScriptUpdateParamsMetadataBindingUnion{
				workers.ScriptUpdateParamsMetadataBindingsWorkersBindingKindKVNamespace{
					Name:        cloudflare.F("KV"),
					NamespaceID: cloudflare.F(id),
					Type:        cloudflare.F(workers.ScriptUpdateParamsMetadataBindingsWorkersBindingKindKVNamespaceTypeKVNamespace),
				},
			}),
		}),
		Files: cloudflare.F(files("first")),
	})
	check("workers.scripts.update", err, err == nil && script.ID == "sdk")
	_, err = scripts.Secrets.Update(ctx, "sdk", workers.ScriptSecretUpdateParams{
		AccountID: account,
		Body: workers.ScriptSecretUpdateParamsBodyWorkersBindingKindSecretText{
			Name: cloudflare.F("S"),
			Text: cloudflare.F("x"),
			Type: cloudflare.F(workers.ScriptSecretUpdateParamsBodyWorkersBindingKindSecretTextTypeSecretText),
		},
	})
	check("workers.scripts.secrets.update", err, true)
	secrets, err := scripts.Secrets.List(ctx, "sdk", workers.ScriptSecretListParams{AccountID: account})
	check("workers.scripts.secrets.list", err, err == nil && len(secrets.Result) == 1 && secrets.Result[0].Name == "S")
	_, err = scripts.Secrets.Delete(ctx, "sdk", "S", workers.ScriptSecretDeleteParams{AccountID: account})
	check("workers.scripts.secrets.delete", err, true)
	version, err := scripts.Versions.New(ctx, "sdk", workers.ScriptVersionNewParams{
		AccountID: account,
		Metadata: cloudflare.F(workers.ScriptVersionNewParamsMetadata{
			MainModule:        cloudflare.F("index.mjs"),
			CompatibilityDate: cloudflare.F("2026-04-01"),
			KeepBindings:      cloudflare.F([]string{"kv_namespace"}),
		}),
		Files: cloudflare.F(files("third")),
	})
	check("workers.scripts.versions.create", err, err == nil && len(version.ID) == 36)
	_, err = scripts.Deployments.New(ctx, "sdk", workers.ScriptDeploymentNewParams{
		AccountID: account,
		Deployment: workers.DeploymentParam{
			Strategy: cloudflare.F(workers.DeploymentStrategyPercentage),
			Versions: cloudflare.F([]workers.DeploymentVersionParam{
				{VersionID: cloudflare.F(version.ID), Percentage: cloudflare.F(100.0)},
			}),
		},
	})
	check("workers.scripts.deployments.create", err, true)
	deployments, err := scripts.Deployments.List(ctx, "sdk", workers.ScriptDeploymentListParams{AccountID: account})
	check("workers.scripts.deployments.list", err, err == nil && deployments.Deployments[0].Versions[0].VersionID == version.ID)
	_, err = scripts.Schedules.Update(ctx, "sdk", workers.ScriptScheduleUpdateParams{
		AccountID: account,
		Body:      []workers.ScriptScheduleUpdateParamsBody{{Cron: cloudflare.F("*/5 * * * *")}},
	})
	check("workers.scripts.schedules.update", err, true)

	database, err := client.D1.Database.New(ctx, d1.DatabaseNewParams{AccountID: account, Name: cloudflare.F("by-sdk")})
	check("d1.database.create", err, err == nil && database.Name == "by-sdk")
	results, err := client.D1.Database.Query(ctx, database.UUID, d1.DatabaseQueryParams{
		AccountID: account,
		Body: d1.DatabaseQueryParamsBodyD1SingleQuery{
			Sql: cloudflare.F("create table t (n integer); insert into t values (7); select n from t"),
		},
	})
	check("d1.database.query", err, err == nil && len(results.Result) == 3)
	_, err = client.D1.Database.Delete(ctx, database.UUID, d1.DatabaseDeleteParams{AccountID: account})
	check("d1.database.delete", err, true)

	request, _ := http.NewRequest("GET", os.Getenv("WORKER_URL"), nil)
	request.Host = "sdk.localhost"
	response, err = http.DefaultClient.Do(request)
	check("a request to the Worker", err, err == nil && text(response) == "third 1")
	_, err = scripts.Delete(ctx, "sdk", workers.ScriptDeleteParams{AccountID: account})
	check("workers.scripts.delete", err, true)
	_, err = namespaces.Delete(ctx, id, kv.NamespaceDeleteParams{AccountID: account})
	check("kv.namespaces.delete", err, true)
}

// value is what the SDK takes for the bytes of a value.
type value struct{ io.Reader }

func (value) ImplementsNamespaceValueUpdateParamsValueUnion() {}

func text(response *http.Response) string {
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return string(body)
}

// expires reads the answer as it came: the SDK's type of a value has no expiration for every entry.
func expires(found *kv.NamespaceBulkGetResponse, expiration int64) bool {
	var answer struct {
		Values map[string]*struct {
			Value      string
			Expiration int64
		}
	}
	if json.Unmarshal([]byte(found.JSON.RawJSON()), &answer) != nil || answer.Values["one"] == nil {
		return false
	}
	return answer.Values["one"].Value == "1" && answer.Values["one"].Expiration == expiration
}
