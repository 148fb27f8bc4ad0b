package trove

import (
	"context"
	"errors"
)

// Log is a log of an instance's database or guest agent. Its text is in the object store once it has been published.
type Log struct {
	Name      string `json:"name"`
	Type      string `json:"type"`      // USER, or SYS if it cannot be enabled or disabled
	Status    string `json:"status"`    // such as Disabled, Ready or Published
	Published int64  `json:"published"` // bytes
	Pending   int64  `json:"pending"`   // bytes not published yet
	Container string `json:"container"` // in the object store; "" if nothing has been published
	Prefix    string `json:"prefix"`    // of the objects in it
	Metafile  string `json:"metafile"`  // the object that describes the others
}

// unpublished is what a guest agent shows as the location of an unpublished log.
const unpublished = "None"

func (l *Log) settle() {
	for _, text := range []*string{&l.Container, &l.Prefix, &l.Metafile} {
		if *text == unpublished {
			*text = ""
		}
	}
}

// Logs lists the logs of an instance. It returns ErrNotFound if there is no such instance, or no such path.
func (c *Client) Logs(ctx context.Context, id string) ([]Log, error) {
	all, _, err := list[Log](ctx, c, "list the logs of instance "+id, "logs", nil, "instances", id, "log")
	for i := range all {
		all[i].settle()
	}
	return all, err
}

// LogChange is what to do with a log.
type LogChange string

// What can be done with a log. Publishing a log enables it too.
const (
	LogEnable  LogChange = "enable"
	LogDisable LogChange = "disable"
	LogPublish LogChange = "publish"
)

// PostLog makes a change to a log of an instance. Publishing again what has been published does nothing.
func (c *Client) PostLog(ctx context.Context, id, name string, change LogChange) (*Log, error) {
	type envelope struct {
		Log *Log `json:"log"`
	}
	body := map[string]any{"name": name, string(change): 1}
	answer, err := post(ctx, c, string(change)+" log "+name+" of instance "+id, body, func(e envelope) error {
		if e.Log == nil {
			return errors.New("it holds no log")
		}
		return isOf("log", e.Log.Name, name)
	}, "instances", id, "log")
	if err != nil {
		return nil, err
	}
	answer.Log.settle()
	return answer.Log, nil
}
