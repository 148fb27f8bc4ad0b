package provider

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// keyPair makes a certificate of our own and its key.
func keyPair(t *testing.T) (certPEM, keyPEM string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
}

func TestCertificatesArePathsOrContents(t *testing.T) {
	certPEM, keyPEM := keyPair(t)
	home := t.TempDir()
	for name, content := range (set{"cert.pem": certPEM, "key.pem": keyPEM}) {
		if err := os.WriteFile(filepath.Join(home, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tests := map[string]struct{ block, env set }{
		"contents":  {block: set{"cacert_file": certPEM, "cert": certPEM, "key": keyPEM}},
		"paths":     {block: set{"cacert_file": filepath.Join(home, "cert.pem"), "cert": filepath.Join(home, "cert.pem"), "key": filepath.Join(home, "key.pem")}},
		"at home":   {block: set{"cacert_file": "~/cert.pem", "cert": "~/cert.pem", "key": "~/key.pem"}},
		"variables": {env: set{"OS_CACERT": filepath.Join(home, "cert.pem"), "OS_CERT": "~/cert.pem", "OS_KEY": keyPEM}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, diags := resolve(block(test.block), openrc.with(set{"HOME": home}).with(test.env).getenv)
			if diags.HasError() {
				t.Fatal(diags)
			}
			if tls := got.TLS; len(tls.Certificates) != 1 || tls.RootCAs == nil || tls.InsecureSkipVerify {
				t.Errorf("got %+v", tls)
			}
		})
	}
	got, diags := resolve(block(nil), openrc.getenv)
	if diags.HasError() || got.TLS.RootCAs != nil || got.TLS.Certificates != nil {
		t.Errorf("without any: %+v, %v", got.TLS, diags)
	}
}
