package browser

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/opentrove/terraform-provider-trove/internal/engines/enginetest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// picture is the variable that names a file for a picture of the page.
const picture = "TROVE_PAGE_PICTURE"

// open shows the page of a sandbox in a browser without a window.
func open(t *testing.T, cloud *sandbox.Sandbox, width int64) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv(enginetest.Required) == "required" {
			t.Fatal("chromium is not installed")
		}
		t.Skip("chromium is not installed")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()))
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	do(t, ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate(cloud.URL()+"/sandbox/"))
	return ctx
}

// do has the browser do something.
func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) { //nolint:revive // the browser's context is no call's
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// ask evaluates an expression in the page.
func ask[T any](t *testing.T, ctx context.Context, expression string) T { //nolint:revive // as above
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// becomes waits until an expression is true in the page.
func becomes(expression string) chromedp.Action[chromedp.Void] {
	return chromedp.Poll[chromedp.Void](expression)
}

func start(t *testing.T) *sandbox.Sandbox {
	t.Helper()
	cloud, err := sandbox.New(sandbox.Options{BuildTime: 2 * time.Second, ActionTime: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := cloud.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 5*time.Second)
		defer cancel()
		if err := cloud.Close(ctx); err != nil {
			t.Errorf("a page that is open keeps the sandbox from ending: %v", err)
		}
	})
	return cloud
}

func create(t *testing.T, cloud *sandbox.Sandbox, name string, block *topology.Topology) string {
	t.Helper()
	i, err := cloud.State().Create(identity.DemoProjectID, state.CreateRequest{
		Name: name, FlavorID: "1", Volume: &state.Volume{Size: 1}, Datastore: &state.DatastoreRef{Type: "redis"}, Topology: block,
	})
	if err != nil {
		t.Fatal(err)
	}
	return i.ID
}

// status waits until the page shows an instance in a status.
func status(name, want string) chromedp.Action[chromedp.Void] {
	return becomes(`document.querySelector('tr[data-instance="` + name + `"][data-status="` + want + `"]') !== null`)
}

// arrows counts the arrows of all diagrams.
const arrows = `document.querySelectorAll("#topologies svg .flowchart-link").length`

func TestPageShowsTopologiesWhileTheyChange(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	page := open(t, cloud, 1100)
	if empty := ask[string](t, page, `document.getElementById("topologies").textContent`); !strings.Contains(empty, "No instances yet") {
		t.Errorf("an empty sandbox shows %q", empty)
	}
	a := create(t, cloud, "alpha", &topology.Topology{Redis: &topology.Redis{}})
	do(t, page, status("alpha", "BUILD"), status("alpha", "ACTIVE"))
	b := create(t, cloud, `beta<img src=x onerror="document.title='broken in'">`, &topology.Topology{Redis: &topology.Redis{SlaveOf: &a}})
	do(t, page, becomes(arrows+" === 1"), becomes(`document.querySelectorAll("tr[data-status=ACTIVE]").length === 2`))
	if labels := ask[string](t, page, `document.querySelector("#topologies svg").textContent`); !strings.Contains(labels, "alpha") || !strings.Contains(labels, "beta<img src=x") {
		t.Errorf("the diagram says %q", labels)
	}
	if file := os.Getenv(picture); file != "" {
		shot, err := chromedp.Run(page, chromedp.FullScreenshot(100))
		if err == nil {
			err = os.WriteFile(file, shot, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := cloud.State().Act(identity.DemoProjectID, a, topology.SlaveofNoOne{ID: b}); err != nil {
		t.Fatal(err)
	}
	do(t, page, becomes(arrows+" === 0"), becomes(`document.querySelectorAll("article").length === 2`))
	title, images := ask[string](t, page, "document.title"), ask[int](t, page, `document.querySelectorAll("img").length`)
	if title != "Trove sandbox" || images > 0 {
		t.Errorf("a name became markup: the title is %q, and there are %d images", title, images)
	}
}

func TestPageIsReadableOnANarrowScreenAndByKeyboardAndInTheDark(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	create(t, cloud, "alpha", &topology.Topology{Redis: &topology.Redis{}})
	page := open(t, cloud, 360)
	do(t, page, status("alpha", "ACTIVE"))
	if wide := ask[string](t, page, `document.documentElement.scrollWidth + " of " + innerWidth`); wide != "360 of 360" {
		t.Errorf("the page is %s wide", wide)
	}
	const background = `getComputedStyle(document.body).backgroundColor`
	light := ask[string](t, page, background)
	if _, err := chromedp.Call(page, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}},
	}); err != nil {
		t.Fatal(err)
	}
	if dark := ask[string](t, page, background); light == dark {
		t.Errorf("light and dark are both %s", light)
	}
	do(t, page, chromedp.KeyEvent("\t"))
	if focused := ask[string](t, page, `document.activeElement.className`); focused != "skip" {
		t.Errorf("the first key leads to %q, want the link to the topologies", focused)
	}
}

func TestPageConnectsAgainAfterTheSandboxHasGone(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	page := open(t, cloud, 800)
	do(t, page, becomes(`document.getElementById("state").textContent === "Live"`))
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := cloud.Close(ctx); err != nil {
		t.Errorf("the open page keeps the sandbox from ending: %v", err)
	}
	do(t, page, becomes(`document.getElementById("state").textContent.startsWith("The sandbox does not answer")`))
}

// The server's time for an answer is over long before.
func TestPageIsLiveForMoreThanAMinute(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	page := open(t, cloud, 800)
	do(t, page, becomes(`document.getElementById("state").textContent === "Live"`))
	ask[bool](t, page, `window.left = 0, new MutationObserver(() => { window.left += document.getElementById("state").textContent === "Live" ? 0 : 1 }).observe(
		document.getElementById("state"), { childList: true, characterData: true, subtree: true }), true`)
	do(t, page, chromedp.Poll[chromedp.Void]("performance.now() > 62000", chromedp.WithPollingTimeout(0)))
	create(t, cloud, "late", &topology.Topology{Redis: &topology.Redis{}})
	do(t, page, status("late", "ACTIVE"))
	if left := ask[int](t, page, "window.left"); left > 0 {
		t.Errorf("the stream was lost %d times", left)
	}
}
