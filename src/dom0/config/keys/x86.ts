/**
 * Keys of xl.cfg(5) that have no meaning on Arm: for x86's PV and HVM guests, their firmware, and QEMU as device
 * model.
 */
export const x86Keys: ReadonlySet<string> = new Set(
  `acpi_firmware acpi_laptop_slate acpi_s3 acpi_s4 altp2mhvm apic bios bios_path_override boot cpuid device_model
device_model_args device_model_args_hvm device_model_args_pv device_model_override device_model_stubdomain_override
device_model_stubdomain_seclabel device_model_user device_model_version display dm_restrict e820_host firmware_override
gfx_passthru hap hdtype hpet hvm_pirq keymap localtime mca_caps mmio_hole ms_vm_genid msr_relaxed nestedhvm nographic nx oos
opengl pae pvshim pvshim_cmdline pvshim_extra pvshim_path rdm_mem_boundary rtc_timeoffset sdl serial smbios_firmware soundhw
spice spice_clipboard_sharing spice_image_compression spice_streaming_video spiceagent_mouse spicedisable_ticketing spicehost
spicepasswd spiceport spicetls_port spiceusbredirection spicevdagent stdvga stubdomain_cmdline stubdomain_kernel
stubdomain_memory stubdomain_ramdisk timer_mode tsc_mode usb usbdevice usbversion vendor_device vga videoram vif2 viridian
vkb_device vnc vncdisplay vnclisten vncpasswd vncunused vncviewer vpt_align xauthority xen_platform_pci`.split(/\s+/),
);
