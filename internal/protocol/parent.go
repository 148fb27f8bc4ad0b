package protocol

import "time"

// parentCheck is how often the provider checks that the process which started it still runs.
const parentCheck = time.Second

// awaitParentGone returns when the process that started this one has ended: then the operating system gives this process another parent, where
// it does so at all. parent returns the id of the present one.
//
// go-plugin ends a provider only if Terraform asks it to. If Terraform is killed, the provider would stay for ever, without a caller. It would
// also hold the lock by which another run sees that it is still at work, so that what it created would not be offered for import.
func awaitParentGone(parent func() int) {
	first := parent()
	check := time.NewTicker(parentCheck)
	defer check.Stop()
	for parent() == first {
		<-check.C
	}
}
